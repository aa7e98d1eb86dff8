import { Injectable } from '@nestjs/common';
import { IncomingMessage, ServerResponse } from 'node:http';
import { addToConnection, removeFromConnection } from './connection';
import { ByteTap, Exchange, ExchangeEvents, NO_TAPS } from './exchange';
import { Area } from './facts';
import { attach, exchangeOf } from './exchange-of';

/** An observer of all exchanges. Errors that it throws are caught and counted: no request fails because of an observer. */
export interface ExchangeObserver {
  /** Called before any handler runs. */
  onBegin?(exchange: Exchange): void;
  /**
   * Called when a request is about to be forwarded.
   * @returns a tap that receives its bytes, if the observer wants them.
   */
  onForward?(exchange: Exchange): ByteTap | undefined;
  /** Called once, when the exchange has ended and its outcome is known. */
  onEnd?(exchange: Exchange): void;
}

/**
 * The registry of open exchanges and of their observers. It is an array and not a Set: whenever a Set grows or compacts, it
 * abandons its old table with every entry in it, and once that table is in V8's old generation, thousands of finished
 * responses stay in memory with it until the next full garbage collection.
 */
@Injectable()
export class Exchanges implements ExchangeEvents {
  private readonly open: Exchange[] = [];
  private readonly openIn: Record<Area, number> = { proxy: 0, api: 0, health: 0, pages: 0 };
  private readonly observers: ExchangeObserver[] = [];
  private report: (error: unknown, failures: number) => void = () => undefined;
  /** The number of errors thrown by observers and taps since the start. */
  failures = 0;

  /** Adds an observer. Observers are notified in the order in which they were added. */
  observe(observer: ExchangeObserver): void {
    this.observers.push(observer);
  }

  /** @param report receives each error that an observer or tap throws, with the number of errors so far. */
  reportFailures(report: (error: unknown, failures: number) => void): void {
    this.report = report;
  }

  /** Begins an exchange; called by the HTTP adapter for each request. */
  begin(request: IncomingMessage, response: ServerResponse, area: Area): Exchange {
    const exchange = new Exchange(request, response, area, this);
    attach(response, exchange);
    addToConnection(exchange);
    exchange.place = this.open.push(exchange) - 1;
    this.openIn[area] += 1;
    response.on('close', endExchange);
    for (const observer of this.observers) {
      try {
        observer.onBegin?.(exchange);
      } catch (error) {
        this.tapFailed(error);
      }
    }
    return exchange;
  }

  forward(exchange: Exchange): readonly ByteTap[] {
    let taps = NO_TAPS;
    for (const observer of this.observers) {
      try {
        const tap = observer.onForward?.(exchange);
        if (tap !== undefined) taps = [...taps, tap];
      } catch (error) {
        this.tapFailed(error);
      }
    }
    return taps;
  }

  end(exchange: Exchange): void {
    this.remove(exchange);
    for (const observer of this.observers) {
      try {
        observer.onEnd?.(exchange);
      } catch (error) {
        this.tapFailed(error);
      }
    }
  }

  tapFailed(error: unknown): void {
    this.failures += 1;
    this.report(error, this.failures);
  }

  /** Returns the number of open exchanges in an area. */
  count(area: Area): number {
    return this.openIn[area];
  }

  /** The number of open exchanges without health checks, which arrive all the time and which a drain must not wait for. */
  get openCount(): number {
    return this.open.length - this.openIn.health;
  }

  /** Returns the open exchanges without health checks. */
  list(): Exchange[] {
    return this.open.filter(({ area }) => area !== 'health');
  }

  /** Removes an exchange in constant time: the last one in the list takes its index. */
  private remove(exchange: Exchange): void {
    removeFromConnection(exchange);
    this.openIn[exchange.area] -= 1;
    const last = this.open.pop();
    if (last === undefined || last === exchange) return;
    this.open[exchange.place] = last;
    last.place = exchange.place;
  }
}

/** The `close` listener of all responses: one shared function, so that no closure is created per request. */
function endExchange(this: ServerResponse): void {
  exchangeOf(this).end();
}
