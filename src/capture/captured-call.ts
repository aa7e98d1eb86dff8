import { CopiedBody } from './body-copy';
import { UsageFormat } from '../providers/metered-endpoint';
import { BodyPart } from './trace-body.entity';

/** A body that has passed, and what its headers say about it. */
export interface CapturedBody extends CopiedBody {
  readonly contentType: string | null;
  readonly contentEncoding: string | null;
}

/** The session that a call belongs to. */
export interface SessionOfCall {
  readonly userId: string;
  readonly orgId: string | null;
  /** As in the ledger. */
  readonly client: string | null;
  readonly sessionId: string;
}

/** A call whose content is to be kept. */
export interface CapturedCall {
  /** The id of the exchange. */
  readonly id: string;
  readonly at: Date;
  readonly session: SessionOfCall;
  /** Whether the main agent made it. */
  readonly isOfMainAgent: boolean;
  /** The format of its bodies. */
  readonly format: UsageFormat;
  /** Whether secrets are taken out of what is kept. */
  readonly redacts: boolean;
  readonly bodies: Readonly<Record<BodyPart, CapturedBody>>;
}
