/** The injection token for the paths that agents use in place of the API's: a list of texts. */
export const AGENT_PATHS = Symbol('AGENT_PATHS');
