import { meteredCall } from '../metering/metered-call';
import { Provider } from '../providers/provider';

/** A call that can cost something, by its request line. */
export interface LimitedCallLine {
  readonly provider: Provider;
  /** The model that the path names. */
  readonly model: string | undefined;
  /** Whether the answer has output that is billed. */
  readonly hasOutput: boolean;
}

const METHODS = ['POST', 'PUT', 'PATCH'];

/**
 * Returns a call that limits apply to; undefined for one that is free: it only reads, counts tokens or stores a file.
 * @param target the request's raw target, with the provider's prefix.
 */
export function limitedCall(provider: Provider, method: string, target: string): LimitedCallLine | undefined {
  if (!METHODS.includes(method)) return undefined;
  const { endpoint, format, model } = meteredCall(provider, method, target);
  if (format === 'none' && endpoint !== 'other') return undefined;
  return { provider, model, hasOutput: format !== 'none' && endpoint !== 'embeddings' };
}
