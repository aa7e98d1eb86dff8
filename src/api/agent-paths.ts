/** The injection token for the paths that agents call instead of the API's: a list of strings. */
export const AGENT_PATHS = Symbol('AGENT_PATHS');
