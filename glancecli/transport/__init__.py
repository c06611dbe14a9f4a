"""HTTP to the services of a cloud: the only room that knows requests and urllib3."""
