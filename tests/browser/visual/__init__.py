"""Visual regression: few pages with fixed contents, compared with reference images."""
