import { lookup as systemLookup } from 'node:dns';
import { LookupFunction } from 'node:net';

/**
 * Wraps a DNS lookup so that concurrent lookups of the same name share one query. The system's resolver runs four lookups
 * at a time in the whole process, and an agent's two hundred parallel calls would wait for fifty rounds of it. Results are
 * not cached: a changed address takes effect with the next connection.
 */
export function coalescedLookup(lookup: LookupFunction = systemLookup): LookupFunction {
  const inFlight = new Map<string, Parameters<LookupFunction>[2][]>();
  return (hostname, options, callback) => {
    const question = JSON.stringify([hostname, options]);
    const asking = inFlight.get(question);
    if (asking !== undefined) {
      asking.push(callback);
      return;
    }
    const everybody = [callback];
    inFlight.set(question, everybody);
    try {
      lookup(hostname, options, (...answer) => {
        inFlight.delete(question);
        for (const answered of everybody) answered(...answer);
      });
    } catch (error) {
      inFlight.delete(question);
      throw error;
    }
  };
}
