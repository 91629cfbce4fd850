import { ConnectionConfig, type ConnectionConfigProps } from '@grafana/aws-sdk';
import type { ConfigEditorProps } from './settings';

type AwsConnectionProps = Pick<ConfigEditorProps, 'options' | 'onOptionsChange'>;

/** Grafana's form of an AWS connection; it reads and writes the fields of `jsonData` and `secureJsonData` that it knows. */
export default function AwsConnection({ options, onOptionsChange }: AwsConnectionProps) {
  return (
    <ConnectionConfig
      options={options as ConnectionConfigProps['options']}
      onOptionsChange={onOptionsChange as ConnectionConfigProps['onOptionsChange']}
    />
  );
}
