"""Delivery of notices: by API, by mail, or as a letter for a person to hand over; one attempt a job.
Owns: `notice_delivery`, `notice_attempt`."""
