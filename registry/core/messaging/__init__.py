"""Celery's configuration, queues and the publisher that sends task messages."""
