import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { AuditService } from '../audit/audit.service';
import { SecretKind } from '../redaction/secret-kinds';
import { CapturedCall } from './captured-call';

/** Each kind is noted with the session's content, so that no other process gives notice of it. */
const NOTE = `
  UPDATE "trace_contents" SET "secrets_sent" = array_append("secrets_sent", $2::text)
   WHERE "id" = $1 AND NOT ("secrets_sent" @> ARRAY[$2::text])`;

/** Tells people in their audit trail that a secret of theirs went to a model: of which kind, and never a character of it. */
@Injectable()
export class SecretNoticesService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly audit: AuditService,
  ) {}

  /**
   * Gives notice of each of these kinds, unless it was given in the session before. The event belongs to no organization: nobody
   * but the person is told.
   */
  async give(
    contentId: string,
    { id, at, session }: CapturedCall,
    kinds: readonly SecretKind[],
  ): Promise<void> {
    for (const kind of kinds)
      await this.dataSource.transaction(async (transaction) => {
        const [, noted] = await transaction.query<[unknown, number]>(NOTE, [contentId, kind]);
        if (noted === 0) return;
        await this.audit.record(
          {
            action: 'secret_sent',
            actor: { userId: session.userId },
            clientInfo: { address: null, client: session.client },
            details: { kind, call: id, sent_at: at.toISOString() },
          },
          transaction,
        );
      });
  }
}
