"""The interface for programs (OpenAPI): the same records, figures and reports as the pages,
under the same rights."""
