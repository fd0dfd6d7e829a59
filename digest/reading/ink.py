"""A page's pixels in grey, and whether there is ink where text claims to be."""

from __future__ import annotations

from dataclasses import dataclass

Box = tuple[float, float, float, float]

# Black to white is 0 to 255. A difference below this is not seen; text lighter than this on white neither.
_CONTRAST = 24
_LIGHT_PAPER = 200


@dataclass(frozen=True, slots=True)
class Grey:
    """A grey picture of a page: one byte a pixel, `scale` pixels a point."""

    width: int
    height: int
    stride: int
    samples: bytes
    scale: float

    def has_blank(self, box: Box, run: float) -> bool:
        """Whether somewhere in the box a strip `run` points wide has columns of one even tone.

        Letters break every column they stand in: between them there is no strip wider than a few spaces.
        """
        rows = self._rows(box)
        if not rows or not rows[0]:
            return True
        low = high = int.from_bytes(rows[0], "big")
        for row in rows[1:]:
            value = int.from_bytes(row, "big")
            low &= value
            high |= value
        size = len(rows[0])
        # Only the three high bits count: paper is never perfectly even.
        mixed = ((low ^ high) & int.from_bytes(b"\xe0" * size, "big")).to_bytes(size, "big")
        wanted = max(2, min(round(run * self.scale), size - 1))
        return bytes(wanted) in mixed

    def shows(self, box: Box, *, light: bool) -> bool:
        """Whether a glyph is seen in its box; `light` says that its colour is nearly white."""
        rows = self._rows(box)
        if not rows or not rows[0]:
            return False
        pixels = sorted(b"".join(rows))
        if light and pixels[len(pixels) // 2] > _LIGHT_PAPER:
            return False
        return pixels[-1] - pixels[0] >= _CONTRAST

    def _rows(self, box: Box) -> list[bytes]:
        x0 = min(max(int(box[0] * self.scale), 0), self.width)
        x1 = min(max(int(box[2] * self.scale) + 1, x0), self.width)
        y0 = min(max(int(box[1] * self.scale), 0), self.height)
        y1 = min(max(int(box[3] * self.scale) + 1, y0), self.height)
        return [self.samples[y * self.stride + x0 : y * self.stride + x1] for y in range(y0, y1)]
