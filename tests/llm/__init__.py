"""The wire to language models, against a real small one: `make test-llm`."""
