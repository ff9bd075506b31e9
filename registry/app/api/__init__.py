"""The API as one application: routes of all rooms, the table of permissions, the OpenAPI description."""
