import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  type ITableV2,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import {
  APPROVAL_TABLE,
  ISSUE_TABLE,
  type TableDefinition,
} from '../../../shared/tables/table-definitions.ts';

interface TablesProps {
  /** Frabit's existing Issues table; absent: the stack makes one. */
  issueTable?: { tableName: string; streamArn: string };
  /** Keep these tables when the stack is destroyed. */
  retain: boolean;
}

/** The Issues table (new, or Frabit's own) and the Approvals table, with the keys of `shared/tables/table-definitions.ts`. */
export class Tables extends Construct {
  readonly issues: ITableV2;
  readonly approvals: ITableV2;

  constructor(scope: Construct, id: string, props: TablesProps) {
    super(scope, id);
    this.issues = props.issueTable
      ? TableV2.fromTableAttributes(this, 'Issues', {
          tableName: props.issueTable.tableName,
          tableStreamArn: props.issueTable.streamArn,
        })
      : makeTable(this, 'Issues', ISSUE_TABLE, props.retain);
    this.approvals = makeTable(this, 'Approvals', APPROVAL_TABLE, props.retain);
  }
}

function makeTable(scope: Construct, id: string, definition: TableDefinition, retain: boolean): TableV2 {
  return new TableV2(scope, id, {
    partitionKey: text(definition.partitionKey),
    ...(definition.sortKey ? { sortKey: text(definition.sortKey) } : {}),
    globalSecondaryIndexes: definition.indexes.map((index) => ({
      indexName: index.name,
      partitionKey: text(index.partitionKey),
      sortKey: text(index.sortKey),
      projectionType: ProjectionType[index.projection],
    })),
    ...(definition.timeToLive ? { timeToLiveAttribute: definition.timeToLive } : {}),
    dynamoStream: StreamViewType[definition.stream],
    billing: Billing.onDemand(),
    encryption: TableEncryptionV2.awsManagedKey(),
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: retain,
    removalPolicy: retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
}

const text = (name: string) => ({ name, type: AttributeType.STRING });

/** Returns the stream of a table that is made or imported here; both kinds have one. */
export function streamArnOf(table: ITableV2): string {
  if (!table.tableStreamArn) throw new Error('Both tables have a stream.');
  return table.tableStreamArn;
}

export const dueIndexArn = (tables: Tables): string =>
  `${tables.approvals.tableArn}/index/${APPROVAL_TABLE.indexes[0].name}`;
