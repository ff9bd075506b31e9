"""Search for enrolled persons in media that were read all through. Owns: `face_search`, `face_match`,
`asset_person`."""
