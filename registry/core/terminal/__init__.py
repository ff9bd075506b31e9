"""What every command shares: options, finding the service, progress bars, reports, exit statuses, paging."""
