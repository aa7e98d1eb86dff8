import { Injectable } from '@nestjs/common';
import { IncomingMessage, ServerResponse } from 'node:http';
import { addToConnection, removeFromConnection } from './connection';
import { ByteTap, Exchange, ExchangeEvents, NO_TAPS } from './exchange';
import { Area } from './facts';
import { attach, exchangeOf } from './exchange-of';

/** Sees exchanges come and go. What it throws is caught: no request fails because somebody watches. */
export interface ExchangeObserver {
  /** Called before anybody answers. */
  onBegin?(exchange: Exchange): void;
  /** Called when a request is about to be forwarded. @returns what gets a copy of its bytes. */
  onForward?(exchange: Exchange): ByteTap | undefined;
  /** Called once, when everything is known. */
  onEnd?(exchange: Exchange): void;
}

/**
 * All exchanges that are open, and who observes them. An array and not a Set: each time that a Set makes room for new
 * entries it leaves its old table behind, with all that was in it, and when that table has grown old, thousands of responses
 * that are long over stay in memory with it until the next full garbage collection.
 */
@Injectable()
export class Exchanges implements ExchangeEvents {
  private readonly open: Exchange[] = [];
  private readonly openIn: Record<Area, number> = { proxy: 0, api: 0, health: 0, pages: 0 };
  private readonly observers: ExchangeObserver[] = [];
  private report: (error: unknown, failures: number) => void = () => undefined;
  /** How often an observer or a tap has thrown. */
  failures = 0;

  /** Adds an observer. They are told in the order in which they are added. */
  observe(observer: ExchangeObserver): void {
    this.observers.push(observer);
  }

  /** @param report is told what an observer has thrown, and how often that has happened. */
  reportFailures(report: (error: unknown, failures: number) => void): void {
    this.report = report;
  }

  /** Called by the HTTP adapter, for each request. */
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

  count(area: Area): number {
    return this.openIn[area];
  }

  /** The open ones, but for health checks: these come all the time, and are not what anybody waits for. */
  get openCount(): number {
    return this.open.length - this.openIn.health;
  }

  /** The open ones, but for health checks. */
  list(): Exchange[] {
    return this.open.filter(({ area }) => area !== 'health');
  }

  /** The last one takes its place. */
  private remove(exchange: Exchange): void {
    removeFromConnection(exchange);
    this.openIn[exchange.area] -= 1;
    const last = this.open.pop();
    if (last === undefined || last === exchange) return;
    this.open[exchange.place] = last;
    last.place = exchange.place;
  }
}

/** One function for all responses: none is made for each. */
function endExchange(this: ServerResponse): void {
  exchangeOf(this).end();
}
