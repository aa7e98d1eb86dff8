/** The maximum number of an agent's ancestors. */
const MAX_DEPTH = 32;

/** What the place of a call in its session's tree depends on. */
export interface AgentCall {
  /** The id of the subagent; null for the main agent. */
  readonly agentId: string | null;
  readonly parentAgentId: string | null;
}

/** An agent of a session, with its calls in order. */
export interface Agent<Call> {
  /** Null for the main agent. */
  readonly id: string | null;
  /** The id of the agent that has started it; null for the main agent, and of the main agent itself. */
  readonly parentId: string | null;
  readonly calls: Call[];
  /** The agents that it has started, itself not included, and those that they have started. */
  readonly descendants: Agent<Call>[];
}

/**
 * Returns the agents of a session in the order of their first calls. The parent of an agent is the next of its ancestors that has
 * made a call. Ids are what clients say: an agent that would be its own ancestor, or has too many, counts as started by the main
 * agent.
 * @param calls in the order in which they came in.
 */
export function agentsOf<Call extends AgentCall>(calls: readonly Call[]): Agent<Call>[] {
  const callsOf = new Map<string | null, Call[]>();
  const parents = new Map<string, string>();
  for (const call of calls) {
    const { agentId, parentAgentId } = call;
    const others = callsOf.get(agentId);
    if (others === undefined) callsOf.set(agentId, [call]);
    else others.push(call);
    if (agentId !== null && parentAgentId !== null && !parents.has(agentId))
      parents.set(agentId, parentAgentId);
  }
  const ancestors = new Map(
    [...callsOf.keys()].map((id) => [id, ancestorsOf(id, parents).filter((one) => callsOf.has(one))]),
  );
  const agents = new Map(
    [...callsOf].map(([id, own]): [string | null, Agent<Call>] => [
      id,
      { id, parentId: ancestors.get(id)?.[0] ?? null, calls: own, descendants: [] },
    ]),
  );
  for (const [id, agent] of agents)
    for (const ancestor of ancestors.get(id) ?? []) agents.get(ancestor)?.descendants.push(agent);
  return [...agents.values()];
}

/** Returns the ids of an agent's ancestors, the nearest first; the last one is the main agent. */
function ancestorsOf(id: string | null, parents: ReadonlyMap<string, string>): (string | null)[] {
  if (id === null) return [];
  const path = new Set<string>();
  for (let next = parents.get(id); next !== undefined; next = parents.get(next)) {
    if (next === id || path.has(next) || path.size === MAX_DEPTH) return [null];
    path.add(next);
  }
  return [...path, null];
}
