import { EndpointName, UsageFormat } from '../providers/metered-endpoint';
import { Provider } from '../providers/provider';

/** What the ledger knows of a call by its request line. */
export interface MeteredCall {
  readonly endpoint: EndpointName;
  readonly format: UsageFormat;
  /** Whether the provider itself says what it bills. */
  readonly reportsCost: boolean;
  /** The model that the path names. */
  readonly model: string | undefined;
  /** The id of the batch whose results are requested. */
  readonly batchId: string | undefined;
}

const OTHER: MeteredCall = {
  endpoint: 'other',
  format: 'none',
  reportsCost: false,
  model: undefined,
  batchId: undefined,
};

/**
 * Finds the endpoint that a request is for.
 * @param target the request's raw target, with the provider's prefix.
 */
export function meteredCall(provider: Provider, method: string, target: string): MeteredCall {
  const path = pathBelow(provider.prefix, target);
  for (const { path: pattern, endpoint, format, reportsCost = false, ...row } of provider.metered) {
    const match = row.method === method ? pattern.exec(path) : null;
    if (match === null) continue;
    const { model, batch } = match.groups ?? {};
    return { endpoint, format, reportsCost, model: decoded(model), batchId: decoded(batch) };
  }
  return OTHER;
}

function pathBelow(prefix: string, target: string): string {
  const start = target.indexOf(prefix); // behind the origin of a target in absolute form
  const path = start < 0 ? target : target.slice(start + prefix.length);
  const end = path.search(/[?#]/);
  return end < 0 ? path : path.slice(0, end);
}

function decoded(segment: string | undefined): string | undefined {
  if (!segment?.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // not an encoding: the upstream judges it
  }
}
