-- CloudTrail events -> audit_events. Stream raw: one event a record.
-- Each record is read once, into the fields that are needed; a field of another type than expected is null.
WITH event AS (
  SELECT from_json(record, '{
    "eventID": "VARCHAR", "eventTime": "VARCHAR", "eventSource": "VARCHAR", "eventName": "VARCHAR",
    "awsRegion": "VARCHAR", "sourceIPAddress": "VARCHAR", "userAgent": "VARCHAR", "errorCode": "VARCHAR",
    "readOnly": "VARCHAR", "recipientAccountId": "VARCHAR", "managementEvent": "VARCHAR",
    "userIdentity": {"type": "VARCHAR", "arn": "VARCHAR", "principalId": "VARCHAR", "userName": "VARCHAR",
      "accountId": "VARCHAR", "invokedBy": "VARCHAR",
      "sessionContext": {"attributes": {"mfaAuthenticated": "VARCHAR"}, "sessionIssuer": {"arn": "VARCHAR"}}},
    "additionalEventData": {"MFAUsed": "VARCHAR"},
    "responseElements": {"ConsoleLogin": "VARCHAR"},
    "requestParameters": {"name": "VARCHAR", "roleArn": "VARCHAR", "roleName": "VARCHAR", "userName": "VARCHAR",
      "groupName": "VARCHAR", "policyArn": "VARCHAR", "bucketName": "VARCHAR", "secretId": "VARCHAR",
      "instanceId": "VARCHAR", "functionName": "VARCHAR", "modelId": "VARCHAR"},
    "resources": [{"ARN": "VARCHAR"}]
  }') AS e
  FROM raw
)
SELECT
  e.eventID AS event_id,
  $system AS system_id,
  e.eventTime AS occurred_at,
  coalesce(
    e.userIdentity.arn, e.userIdentity.principalId, e.userIdentity.userName, e.userIdentity.invokedBy,
    e.userIdentity.accountId
  ) AS actor_id,
  CASE
    WHEN e.userIdentity.type IN ('IAMUser', 'Root', 'SAMLUser', 'FederatedUser', 'IdentityCenterUser') THEN 'human'
    -- IAM Identity Center gives people roles with this prefix
    WHEN e.userIdentity.type = 'AssumedRole' AND contains(e.userIdentity.arn, 'AWSReservedSSO_') THEN 'human'
    WHEN e.userIdentity.type IN ('AssumedRole', 'Role', 'AWSService', 'AWSAccount') THEN 'service'
    ELSE 'unknown'
  END AS actor_kind,
  coalesce(e.eventSource, 'unknown') || ':' || e.eventName AS action,
  coalesce(
    e.resources[1].ARN, e.requestParameters.roleArn, e.requestParameters.policyArn, e.requestParameters.userName,
    e.requestParameters.roleName, e.requestParameters.groupName, e.requestParameters.bucketName,
    e.requestParameters.secretId, e.requestParameters.instanceId, e.requestParameters.functionName,
    e.requestParameters.modelId, e.requestParameters.name, e.recipientAccountId, e.eventSource, 'unknown'
  ) AS target,
  CASE
    WHEN coalesce(e.errorCode, '') <> '' OR e.responseElements.ConsoleLogin = 'Failure' THEN 'failure'
    ELSE 'success'
  END AS outcome,
  e.sourceIPAddress AS ip,
  json_object(
    'mfa', e.additionalEventData.MFAUsed,
    'session_mfa', e.userIdentity.sessionContext.attributes.mfaAuthenticated,
    'session_issuer', e.userIdentity.sessionContext.sessionIssuer.arn,
    'user_type', e.userIdentity.type,
    'invoked_by', e.userIdentity.invokedBy,
    'account', coalesce(e.recipientAccountId, e.userIdentity.accountId),
    'region', e.awsRegion,
    'read_only', e.readOnly,
    'user_agent', e.userAgent,
    'error_code', e.errorCode
  ) AS attrs
FROM event
