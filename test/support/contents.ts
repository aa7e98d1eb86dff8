import { DataSource } from 'typeorm';

/** Every row of every table as the database itself writes it, by a way that the export does not go. */
export async function contentsOf(dataSource: DataSource): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  await dataSource.transaction(async (transaction) => {
    await transaction.query(`SET LOCAL "TimeZone" = 'UTC'`);
    for (const { tableName } of dataSource.entityMetadatas) {
      const rows = await transaction.query(`SELECT t::text AS row FROM "${tableName}" t ORDER BY 1`);
      found[tableName] = rows.map(({ row }: { row: string }) => row);
    }
  });
  return found;
}
