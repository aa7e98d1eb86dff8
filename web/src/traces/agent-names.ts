/** Returns what an agent of a session is called: by its place among the subagents, since ids say nothing to people. */
export function agentNames(ids: readonly (string | null)[]): Map<string | null, string> {
  const names = new Map<string | null, string>();
  let subagents = 0;
  for (const id of ids) names.set(id, id === null ? 'Main agent' : `Subagent ${(subagents += 1)}`);
  return names;
}
