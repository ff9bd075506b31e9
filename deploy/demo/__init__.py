"""The demonstration: real photographs, a face swap made here, altered copies, and the answers to them."""
