import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, ValidateIf } from 'class-validator';

const CONTENT_MEANING =
  'Whether the content of my calls is kept: requests and answers, encrypted with a key for each session. An organization may say otherwise for its calls.';
const REDACT_MEANING =
  'Whether secrets in what is kept are replaced by marks with their kind, such as `[redacted:github_token]`, also where an organization has it kept. What passes to the provider is never changed.';

export class CaptureDto {
  @ApiProperty({ example: true, description: CONTENT_MEANING })
  content!: boolean;

  @ApiProperty({ example: true, description: REDACT_MEANING })
  redact!: boolean;
}

/** What is left out stays as it is. */
export class UpdateCaptureDto {
  @ApiPropertyOptional({ example: true, description: CONTENT_MEANING })
  @ValidateIf((_, content) => content !== undefined)
  @IsBoolean()
  content?: boolean;

  @ApiPropertyOptional({ example: true, description: REDACT_MEANING })
  @ValidateIf((_, redact) => redact !== undefined)
  @IsBoolean()
  redact?: boolean;
}
