import { Injectable, LoggerService } from '@nestjs/common';
import { DestinationStream, Logger, pino } from 'pino';
import { LogLevel } from '../config/config';
import { logOutput } from './log-output';

/** One JSON object a line on standard output, or where a test wants it. */
export function createLogger(level: LogLevel, destination: DestinationStream = logOutput()): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError },
  };
  return pino(options, destination);
}

/** What a log line may hold of an error. Its other fields stay out: axios keeps a request's headers there, pg its values. */
interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: unknown;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

function describeError(error: unknown): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const { name, message, stack, cause } = error;
  const { code } = error as { code?: unknown };
  return {
    type: name,
    message,
    ...(code !== undefined && { code }),
    ...(stack !== undefined && { stack }),
    ...(cause !== undefined && { cause: describeError(cause) }),
  };
}

/** Nest's own lines through the same logger; its chatter at start (modules, routes) is for debugging. */
@Injectable()
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...context: unknown[]): void {
    this.logger.debug(fields(context), String(message));
  }

  warn(message: unknown, ...context: unknown[]): void {
    this.logger.warn(fields(context), String(message));
  }

  error(message: unknown, ...context: unknown[]): void {
    if (context.at(-1) === 'ExceptionHandler') return; // a failed start, which main.ts tells the person at the terminal
    this.logger.error(fields(context), String(message));
  }

  debug(message: unknown, ...context: unknown[]): void {
    this.logger.debug(fields(context), String(message));
  }

  verbose(message: unknown, ...context: unknown[]): void {
    this.logger.trace(fields(context), String(message));
  }
}

/** Nest passes [stack], [context] or [stack, context]; the context is always the last. */
function fields(context: unknown[]): { context?: unknown; stack?: unknown } {
  return context.length > 1 ? { stack: context[0], context: context.at(-1) } : { context: context[0] };
}
