package dev.pgportage.aws.template;

import java.util.List;
import java.util.Map;

/**
 * What makes the deletion of a stack succeed the first time: one function that CloudFormation calls
 * before it removes the rest. It ends the workflows, stops the task, takes back rules in security
 * groups, and empties the bucket.
 */
final class Cleanup {
  private static final String CODE =
      """
      const S3=require('@aws-sdk/client-s3'),EC2=require('@aws-sdk/client-ec2'),SFN=require('@aws-sdk/client-sfn'),DMS=require('@aws-sdk/client-database-migration-service'),cfn=require('cfn-response');
      exports.handler=(event,context)=>run(event).then(()=>cfn.send(event,context,cfn.SUCCESS,{},'cleanup'),e=>{console.error(e);cfn.send(event,context,cfn.FAILED,{Error:String(e)},'cleanup')});
      async function run(event){if(event.RequestType!=='Delete')return;const p=event.ResourceProperties;
      await executions(p.Machines||[]);await task(p.Task);await rules(p.Stack);await bucket(p.Bucket)}
      async function executions(machines){const c=new SFN.SFNClient();for(const m of machines){let t;do{const o=await c.send(new SFN.ListExecutionsCommand({stateMachineArn:m,statusFilter:'RUNNING',nextToken:t})).catch(e=>{if(e.name==='StateMachineDoesNotExist')return{executions:[]};throw e});t=o.nextToken;
      for(const x of o.executions)await c.send(new SFN.StopExecutionCommand({executionArn:x.executionArn,cause:'The stack is deleted'}))}while(t)}}
      async function task(arn){if(!arn)return;const c=new DMS.DatabaseMigrationServiceClient();for(let i=0;i<80;i++){
      const o=await c.send(new DMS.DescribeReplicationTasksCommand({Filters:[{Name:'replication-task-arn',Values:[arn]}],WithoutSettings:true})).catch(e=>{if(e.name==='ResourceNotFoundFault')return{};throw e});
      const s=((o.ReplicationTasks||[])[0]||{}).Status;
      if(s==='running'||s==='starting')await c.send(new DMS.StopReplicationTaskCommand({ReplicationTaskArn:arn})).catch(e=>console.log(e.name));
      else if(s==='testing'){const a=await c.send(new DMS.DescribeReplicationTaskAssessmentRunsCommand({Filters:[{Name:'replication-task-arn',Values:[arn]}]}));for(const r of a.ReplicationTaskAssessmentRuns)if(['starting','provisioning','running'].includes(r.Status))await c.send(new DMS.CancelReplicationTaskAssessmentRunCommand({ReplicationTaskAssessmentRunArn:r.ReplicationTaskAssessmentRunArn})).catch(e=>console.log(e.name))}
      else if(s!=='stopping')return;await new Promise(r=>setTimeout(r,+process.env.PAUSE||8000))}throw new Error('The task does not stop')}
      async function rules(stack){const c=new EC2.EC2Client();let t;do{const o=await c.send(new EC2.DescribeSecurityGroupRulesCommand({Filters:[{Name:'tag:pgportage-stack',Values:[stack]}],NextToken:t}));t=o.NextToken;
      for(const x of o.SecurityGroupRules)if(!x.IsEgress)await c.send(new EC2.RevokeSecurityGroupIngressCommand({GroupId:x.GroupId,SecurityGroupRuleIds:[x.SecurityGroupRuleId]}))}while(t)}
      async function bucket(b){if(!b)return;const c=new S3.S3Client();let k,v;do{const o=await c.send(new S3.ListObjectVersionsCommand({Bucket:b,KeyMarker:k,VersionIdMarker:v}));
      const q=[...(o.Versions||[]),...(o.DeleteMarkers||[])].map(x=>({Key:x.Key,VersionId:x.VersionId}));
      if(q.length){const d=await c.send(new S3.DeleteObjectsCommand({Bucket:b,Delete:{Objects:q,Quiet:true}}));if((d.Errors||[]).length)throw new Error(d.Errors[0].Code)}
      k=o.IsTruncated?o.NextKeyMarker:undefined;v=o.IsTruncated?o.NextVersionIdMarker:undefined}while(k)}
      """;

  private Cleanup() {}

  /** The function's source, for a test that runs it. */
  static String code() {
    return CODE;
  }

  /**
   * The function, its role and the resource whose deletion calls it.
   *
   * @param given what it is told besides the stack's name
   */
  @SafeVarargs
  static List<Resource> resources(Map<String, Object> given, Map<String, Object>... permissions) {
    Resource role = Policy.role("CleanupRole", List.of("lambda"), "cleanup", permissions);
    return List.of(
        new Resource(
            role.name(),
            role.type(),
            Json.joined(
                role.properties(),
                Json.object(
                    "ManagedPolicyArns", List.of(Policy.managed("AWSLambdaBasicExecutionRole")))),
            role.attributes(),
            null),
        function(),
        Resource.of(
                "Cleanup",
                "Custom::MigrationCleanup",
                Json.joined(
                    Json.object(
                        "ServiceToken",
                        Intrinsic.att("CleanupFunction", "Arn"),
                        "ServiceTimeout",
                        960,
                        "Stack",
                        Intrinsic.ref("AWS::StackName")),
                    given))
            .saying("The only function; without it a first deletion fails at the bucket."));
  }

  private static Resource function() {
    return Resource.of(
        "CleanupFunction",
        "AWS::Lambda::Function",
        Json.object(
            "Description",
            "Called once, when the stack is deleted",
            "Runtime",
            "nodejs22.x",
            "Handler",
            "index.handler",
            "Timeout",
            900,
            "Role",
            Intrinsic.att("CleanupRole", "Arn"),
            "Code",
            Json.object("ZipFile", new Intrinsic.Program(CODE))));
  }
}
