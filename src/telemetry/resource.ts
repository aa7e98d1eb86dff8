import { randomUUID } from 'node:crypto';
import { version } from '../cli/version';
import { Resource } from './otlp-json';

/**
 * Returns what is said of this process beside each batch of spans; each worker is an instance of its own.
 * @param configured the operator's own attributes, which win.
 */
export function resourceOf(configured: Resource): Resource {
  return {
    'service.name': 'tracevault',
    'service.version': version(),
    'service.instance.id': randomUUID(),
    ...configured,
  };
}
