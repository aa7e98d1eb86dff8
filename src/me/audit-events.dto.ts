import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional } from 'class-validator';
import { ApiException } from '../api/api.exception';
import { IsId } from '../api/id';
import { IsPageLimit, PAGE_SIZE } from '../api/page-query';
import { ActorKind, AUDIT_ACTIONS, AuditAction, AuditDetails } from '../audit/audit-event.entity';
import { SeenEvent } from '../audit/audit.service';

const MAX_EVENTS = 200;

export class AuditEventsQueryDto {
  @IsPageLimit(MAX_EVENTS)
  limit = PAGE_SIZE;

  @ApiPropertyOptional({ format: 'uuid', description: 'The id of an event: those that came before it.' })
  @IsOptional()
  @IsId()
  before?: string;
}

export class AuditEventDto {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-23T09:30:00.000Z' })
  at!: string;

  @ApiProperty({ enum: AUDIT_ACTIONS, example: 'provider_key_stored' })
  action!: AuditAction;

  @ApiProperty({
    enum: ['person', 'operator', 'anonymous'] satisfies ActorKind[],
    description: 'A signed-in person, whoever runs the server, or somebody who did not say who they are.',
  })
  actor!: ActorKind;

  @ApiProperty({ type: String, nullable: true, example: 'ada@example.com', description: 'Of that person.' })
  actor_email!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'ada@example.com',
    description: 'Of the person whose account it was done to, also when that is the actor.',
  })
  subject_email!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '192.0.2.7' })
  address!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'Mozilla/5.0' })
  client!: string | null;

  @ApiProperty({
    type: 'object',
    additionalProperties: { oneOf: [{ type: 'string' }, { type: 'number' }] },
    example: { session_id: '5d1c7a0e-5c5b-4a53-9f0e-0d6f0e1f2a3b' },
    description: 'Ids and names that belong to it.',
  })
  details!: AuditDetails;

  static of({ id, at, action, actorKind, address, client, details, ...emails }: SeenEvent): AuditEventDto {
    return {
      id,
      at: at.toISOString(),
      action,
      actor: actorKind,
      actor_email: emails.actorEmail,
      subject_email: emails.subjectEmail,
      address,
      client,
      details,
    };
  }
}

/**
 * Returns a page of events as it is answered.
 * @param events undefined if `before` is none of the list's events.
 * @param ofList which events the list has, in the words of the error.
 * @throws ApiException (unknown_event)
 */
export function shownEvents(events: readonly SeenEvent[] | undefined, ofList: string): AuditEventDto[] {
  if (events === undefined)
    throw new ApiException(
      'unknown_event',
      [`before must be the id of an event of ${ofList} that is still kept`],
      { field: 'before' },
    );
  return events.map((event) => AuditEventDto.of(event));
}
