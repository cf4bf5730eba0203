"""The pictures of docs/screenshots: every surface and every designed state, in both themes, at the widths of a frame."""
