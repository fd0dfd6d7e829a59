"""Values from files named by `NAME_FILE` variables, as secrets are mounted by containers and systemd."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from bot.env_file import read_env_file
from digest.errors import InvalidSetting


class FileSource(PydanticBaseSettingsSource):
    """Reads the files that the environment or `.env` names."""

    def __init__(self, settings_cls: type[BaseSettings], env_file: Path | None) -> None:
        super().__init__(settings_cls)
        self._named = {**(read_env_file(env_file) if env_file else {}), **os.environ}

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        path = self._named.get(f"{field_name.upper()}_FILE")
        if not path:
            return None, field_name, False
        try:
            return Path(path).read_text(encoding="utf-8").strip(), field_name, False
        except OSError as error:
            raise InvalidSetting(
                f"{field_name.upper()}_FILE: {path} cannot be read ({error.strerror})."
            ) from error

    def __call__(self) -> dict[str, Any]:
        fields = self.settings_cls.model_fields
        found = {name: self.get_field_value(field, name)[0] for name, field in fields.items()}
        return {name: value for name, value in found.items() if value is not None}
