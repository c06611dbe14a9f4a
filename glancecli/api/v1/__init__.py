"""Images v1 (https://docs.openstack.org/api-ref/image/v1/)."""
