import { IncomingHttpHeaders } from 'node:http';
import { AgentSession } from '../exchange/facts';
import { displayable } from '../logging/display-text';
import { Provider } from '../providers/provider';

const MAX_LENGTH = 128;

/** Headers that clients of other gateways send, whatever the provider. */
const CUSTOMARY = ['x-session-id', 'helicone-session-id', 'x-litellm-session-id'];

/** Returns the agent session of a request, as its client says in headers. */
export function agentSessionOf(headers: IncomingHttpHeaders, { agentHeaders }: Provider): AgentSession {
  const sessionId = first(headers, [...agentHeaders.session, ...CUSTOMARY]);
  const agentId = first(headers, agentHeaders.agent);
  return {
    sessionId,
    agentId: agentId === sessionId ? null : agentId, // the main thread of a session may have the session's id
    parentAgentId: first(headers, agentHeaders.parentAgent),
  };
}

function first(headers: IncomingHttpHeaders, names: readonly string[]): string | null {
  for (const name of names) {
    const value = headers[name];
    if (typeof value === 'string' && value !== '') return displayable(value.slice(0, MAX_LENGTH));
  }
  return null;
}
