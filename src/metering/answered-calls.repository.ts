import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { clientKindOf } from './client-kind';

/** A response that a call follows, and whose call it is. */
export interface FollowedResponse {
  readonly user_id: string;
  readonly org_id: string | null;
  readonly client: string | null;
  readonly response_id: string;
}

/** There is an index for it, of the endpoint `responses` alone. */
const SELECT_SESSIONS = `
  SELECT "given"."nth"::integer AS "nth", (
    SELECT "agent_session_id" FROM "calls" AS "call"
     WHERE "call"."endpoint" = 'responses' AND "call"."user_id" = "given"."user_id" AND "call"."message_id" = "given"."response_id"
       AND "call"."org_id" IS NOT DISTINCT FROM "given"."org_id"
       AND ${clientKindOf('"call"."client"')} = ${clientKindOf('"given"."client"')}
       AND "call"."agent_session_id" IS NOT NULL
     ORDER BY "call"."at" DESC LIMIT 1) AS "session_id"
    FROM ROWS FROM (jsonb_to_recordset($1::jsonb) AS ("user_id" uuid, "org_id" uuid, "client" text, "response_id" text))
         WITH ORDINALITY AS "given"("user_id", "org_id", "client", "response_id", "nth")`;

/** Finds calls in the ledger by the responses that they were answered with. */
@Injectable()
export class AnsweredCallsRepository {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Returns the sessions of the calls that were answered with some responses, in the order of these; undefined where there is no
   * such call of the same user, organization and kind of client, or it belongs to no session.
   */
  async sessionsOf(responses: readonly FollowedResponse[]): Promise<(string | undefined)[]> {
    const rows = await this.dataSource.query<{ nth: number; session_id: string | null }[]>(SELECT_SESSIONS, [
      JSON.stringify(responses),
    ]);
    const sessions = new Map(rows.map(({ nth, session_id }) => [nth - 1, session_id]));
    return responses.map((_, index) => sessions.get(index) ?? undefined);
  }
}
