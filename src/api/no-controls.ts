/** PostgreSQL and terminals choke on control characters; the marks of direction let a text pass for another. */
export const noControls = /^[^\p{Cc}\u202a-\u202e\u2066-\u2069]*$/u;
