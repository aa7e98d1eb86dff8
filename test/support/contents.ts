import { DataSource } from 'typeorm';

/** Returns every row of every table as text that the database formats, independently of the export's code. */
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
