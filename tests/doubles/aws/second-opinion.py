"""A second opinion of the double: AWS's own Python client reads it, and checks what it may rely on.

    python3 -m venv .venv && .venv/bin/pip install boto3
    bun tests/doubles/aws/main.ts --sample        # prints url, accessKey and secretKey
    .venv/bin/python tests/doubles/aws/second-opinion.py URL ACCESS_KEY SECRET_KEY

Prints what it counted as one line of JSON and ends with 0; ends with an exception where the double is not like AWS.
"""
import datetime
import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

REGION = 'eu-west-1'
TOOLING = ('arn:aws:iam::222222222222:role/dora-read', 'acme-tooling')
OPERATIONS = ('arn:aws:iam::333333333333:role/dora-read', 'acme-operations')


def refused(code, call):
    """Asserts that the call ends with this error code."""
    try:
        call()
    except ClientError as error:
        assert error.response['Error']['Code'] == code, error
    else:
        raise AssertionError(f'{code} was expected')


def main(url, access_key, secret_key):
    def client(service, credentials=None):
        keys = credentials or {'AccessKeyId': access_key, 'SecretAccessKey': secret_key, 'SessionToken': None}
        return boto3.client(
            service, region_name=REGION, endpoint_url=url, config=Config(retries={'total_max_attempts': 1}),
            aws_access_key_id=keys['AccessKeyId'], aws_secret_access_key=keys['SecretAccessKey'], aws_session_token=keys['SessionToken'],
        )

    sts = client('sts')
    assert sts.get_caller_identity()['Account'] == '111111111111'
    arn, external_id = TOOLING
    refused('AccessDenied', lambda: sts.assume_role(RoleArn=arn, RoleSessionName='opinion', ExternalId='wrong'))
    tooling = sts.assume_role(RoleArn=arn, RoleSessionName='opinion', ExternalId=external_id)['Credentials']
    operations = sts.assume_role(RoleArn=OPERATIONS[0], RoleSessionName='opinion', ExternalId=OPERATIONS[1])['Credentials']
    assert client('sts', tooling).get_caller_identity()['Account'] == '222222222222'

    codepipeline = client('codepipeline', tooling)
    counted = {}
    for page in codepipeline.get_paginator('list_pipelines').paginate():
        for pipeline in page['pipelines']:
            name = pipeline['name']
            executions = [
                execution
                for part in codepipeline.get_paginator('list_pipeline_executions').paginate(pipelineName=name)
                for execution in part['pipelineExecutionSummaries']
            ]
            starts = [execution['startTime'] for execution in executions]
            assert starts == sorted(starts, reverse=True), f'{name} is not newest first'
            actions = [
                action
                for part in codepipeline.get_paginator('list_action_executions').paginate(pipelineName=name)
                for action in part['actionExecutionDetails']
            ]
            known = {execution['pipelineExecutionId'] for execution in executions}
            assert {action['pipelineExecutionId'] for action in actions} <= known
            counted[name] = {'executions': len(executions), 'actions': len(actions)}
    refused('PipelineNotFoundException', lambda: codepipeline.list_pipeline_executions(pipelineName='nothing'))
    refused('InvalidNextTokenException', lambda: codepipeline.list_pipelines(nextToken='made-up'))

    ssm = client('ssm', operations)
    since = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=365)).isoformat()
    items = [
        item
        for page in ssm.get_paginator('describe_ops_items').paginate(OpsItemFilters=[{'Key': 'LastModifiedTime', 'Operator': 'GreaterThan', 'Values': [since]}])
        for item in page['OpsItemSummaries']
    ]
    assert all(item['LastModifiedTime'] >= item['CreatedTime'] for item in items)
    counted['opsItems'] = len(items)

    cloudwatch = client('cloudwatch')
    now = datetime.datetime.now(datetime.timezone.utc)
    dimensions = [{'Name': 'Team', 'Value': 'Opinion'}]
    datum = {'MetricName': 'DeploymentFrequency', 'Dimensions': dimensions, 'Timestamp': now, 'Value': 2.5, 'Unit': 'Count'}
    cloudwatch.put_metric_data(Namespace='Opinion', MetricData=[datum, datum])
    refused('InvalidParameterValue', lambda: cloudwatch.put_metric_data(Namespace='Opinion', MetricData=[{**datum, 'Timestamp': now - datetime.timedelta(days=15)}]))
    listed = [metric for page in cloudwatch.get_paginator('list_metrics').paginate(Namespace='Opinion') for metric in page['Metrics']]
    assert listed == [{'Namespace': 'Opinion', 'MetricName': 'DeploymentFrequency', 'Dimensions': dimensions}], listed
    stat = {'Metric': listed[0], 'Period': 3600, 'Stat': 'Sum'}
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=[{'Id': 'sum', 'MetricStat': stat}], StartTime=now - datetime.timedelta(hours=2), EndTime=now + datetime.timedelta(hours=1),
    )
    assert answer['MetricDataResults'][0]['Values'] == [5.0], answer

    print(json.dumps(counted))


if __name__ == '__main__':
    main(*sys.argv[1:])
