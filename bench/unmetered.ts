/**
 * TraceVault without its meter, to measure what the meter costs: the built server, whose list of observers lacks this one and
 * the one that finds sessions. It is for the benchmark alone; the product has no such setting.
 */
import { ExchangeObserver, Exchanges } from '../src/exchange/exchanges';
import { AgentSessions } from '../src/metering/agent-sessions';
import { Meter } from '../src/metering/meter';

const registry: { observe: (this: Exchanges, observer: ExchangeObserver) => void } = Exchanges.prototype;
const { observe } = registry;
registry.observe = function (observer) {
  if (!(observer instanceof Meter || observer instanceof AgentSessions)) observe.call(this, observer);
};

void import('../src/main.js');
