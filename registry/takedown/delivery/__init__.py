"""Delivery of notices by API, by mail, or as a letter that a person posts. One job makes one attempt. Owns:
`notice_delivery`, `notice_attempt`."""
