"""Processes really killed, servers really stopped, disks really full; then nothing is missing."""
