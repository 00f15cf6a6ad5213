"""Sets the appliance up on one machine and runs all of it under one process."""
