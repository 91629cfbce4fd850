import { AwsError, given, instantOfInput, pageOf, pageSize, type Answered, type Call } from '../call';
import type { OpsItem } from '../world';

interface Filter {
  Key: string;
  Values: string[];
  Operator: string;
}

/** Which operators each filter takes, as AWS documents them. */
const OPERATORS: Record<string, string[]> = {
  CreatedTime: ['GreaterThan', 'LessThan'],
  LastModifiedTime: ['GreaterThan', 'LessThan'],
  Status: ['Equal'],
  Priority: ['Equal'],
  Source: ['Contains', 'Equal'],
  Title: ['Equal', 'Contains'],
  OpsItemId: ['Equal'],
  Severity: ['Equal'],
  Category: ['Equal'],
  OpsItemType: ['Equal'],
  OperationalDataKey: ['Equal'],
  OperationalDataValue: ['Equal', 'Contains'],
};

export const opsCenter: Record<string, (call: Call) => Answered> = {
  DescribeOpsItems(call) {
    const filters = (call.input.OpsItemFilters ?? []) as Filter[];
    for (const { Key, Operator, Values } of filters) {
      const allowed = OPERATORS[Key];
      if (!allowed) {
        throw new AwsError('ValidationException', `The double knows no filter ${Key}`);
      }
      if (!allowed.includes(Operator)) {
        throw new AwsError('OpsItemInvalidParameterException', `Operator ${Operator} is not supported for filter ${Key}`);
      }
      if (Key.endsWith('Time') && (Values.length !== 1 || instantOfInput(Values[0]) === null)) {
        throw new AwsError('OpsItemInvalidParameterException', `The value of filter ${Key} is not a time`);
      }
    }
    const size = pageSize(call.input.MaxResults, 'maxResults', 50);
    const { page, token } = pageOf(call, {
      operation: 'DescribeOpsItems', tokenName: 'NextToken', refusal: 'InvalidNextToken', size,
      items: [...call.region.opsItems.values()].filter((item) => filters.every((filter) => passes(item, filter))),
      // AWS promises no order; by id is none that helps anybody.
      key: ({ id }) => id,
    });
    return { output: given({ OpsItemSummaries: page.map(summaryOf), NextToken: token }), items: page.length };
  },
};

function passes(item: OpsItem, { Key, Values, Operator }: Filter): boolean {
  const compare = (at: number): boolean => (Operator === 'GreaterThan' ? at > instantOfInput(Values[0])! : at < instantOfInput(Values[0])!);
  const among = (values: Array<string | null>): boolean =>
    values.some((value) => value !== null && Values.some((wanted) => (Operator === 'Contains' ? value.toLowerCase().includes(wanted.toLowerCase()) : value === wanted)));
  switch (Key) {
    case 'CreatedTime':
      return compare(item.createdAt);
    case 'LastModifiedTime':
      return compare(item.modifiedAt);
    case 'Status':
      return among([item.status]);
    case 'Priority':
      return among([item.priority === null ? null : String(item.priority)]);
    case 'Source':
      return among([item.source]);
    case 'Title':
      return among([item.title]);
    case 'OpsItemId':
      return among([item.id]);
    case 'Severity':
      return among([item.severity]);
    case 'Category':
      return among([item.category]);
    case 'OpsItemType':
      return among([item.type]);
    case 'OperationalDataKey':
      return among(Object.keys(item.data));
    default:
      return among(Object.values(item.data).map(({ value }) => value));
  }
}

function summaryOf(item: OpsItem): Record<string, unknown> {
  // Only what may be searched for is in a list.
  const data = Object.entries(item.data).filter(([, { searchable }]) => searchable);
  return given({
    CreatedBy: item.createdBy,
    CreatedTime: new Date(item.createdAt),
    LastModifiedBy: item.modifiedBy,
    LastModifiedTime: new Date(item.modifiedAt),
    Priority: item.priority,
    Source: item.source,
    Status: item.status,
    OpsItemId: item.id,
    Title: item.title,
    OperationalData: data.length === 0 ? undefined : Object.fromEntries(data.map(([key, { value }]) => [key, { Value: value, Type: 'SearchableString' }])),
    Category: item.category,
    Severity: item.severity,
    OpsItemType: item.type,
  });
}
