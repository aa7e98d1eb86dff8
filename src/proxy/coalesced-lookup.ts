import { lookup as systemLookup } from 'node:dns';
import { LookupFunction } from 'node:net';

/**
 * Looks names up as node:net does by itself, once for all who ask for the same one in the same moment: the system's
 * resolver answers four at a time in the whole process, and an agent's two hundred calls at once would wait for fifty
 * rounds of it. Nothing is kept: an answer that moves counts from the next connection on.
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
