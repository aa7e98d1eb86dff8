import { Injectable, LoggerService } from '@nestjs/common';
import { DestinationStream, Logger, pino } from 'pino';
import { LogLevel } from '../config/config';
import { logOutput } from './log-output';

/** Creates a logger that writes one JSON object per line, to standard output unless a test passes another stream. */
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

/** The fields of an error that may be logged. The others may contain secrets: axios keeps request headers there, pg values. */
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

/** Passes Nest's own log lines to the same logger; those about modules and routes at start become debug lines. */
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
    if (context.at(-1) === 'ExceptionHandler') return; // a failed start, which main.ts reports on stderr
    this.logger.error(fields(context), String(message));
  }

  debug(message: unknown, ...context: unknown[]): void {
    this.logger.debug(fields(context), String(message));
  }

  verbose(message: unknown, ...context: unknown[]): void {
    this.logger.trace(fields(context), String(message));
  }
}

/** Names Nest's optional arguments: it passes [context] or [stack, context], so the context is always the last. */
function fields(context: unknown[]): { context?: unknown; stack?: unknown } {
  return context.length > 1 ? { stack: context[0], context: context.at(-1) } : { context: context[0] };
}
