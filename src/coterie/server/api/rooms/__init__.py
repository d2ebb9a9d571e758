"""What the workbench asks, room by room: each route is documented, and anybody may call it."""
