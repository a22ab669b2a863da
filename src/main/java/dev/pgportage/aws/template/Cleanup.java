package dev.pgportage.aws.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What makes the deletion of a stack succeed the first time: one function that CloudFormation calls
 * before it removes the rest. It ends the workflows, then what they began, and takes away what
 * would keep a resource from being deleted.
 */
final class Cleanup {
  private static final String FRAME =
      """
      const SFN=require('@aws-sdk/client-sfn'),$CLIENTS;
      const all=async(ask,name)=>{const r=[];let t;do{const o=await ask(t);r.push(...o[name]);t=o.nextToken||o.NextToken}while(t);return r};
      const pause=()=>new Promise(r=>setTimeout(r,+process.env.PAUSE||8000));
      exports.handler=async e=>{let Status='SUCCESS',Reason='done';try{await run(e)}catch(x){console.error(x);Status='FAILED';Reason=String(x)}
      await fetch(e.ResponseURL,{method:'PUT',headers:{'content-type':''},body:JSON.stringify({Status,Reason,PhysicalResourceId:'cleanup',StackId:e.StackId,RequestId:e.RequestId,LogicalResourceId:e.LogicalResourceId})})};
      async function run(event){if(event.RequestType!=='Delete')return;const p=event.ResourceProperties;
      await executions(p.Machine);$CALLS}
      async function executions(m){const c=new SFN.SFNClient();for(const x of await all(t=>c.send(new SFN.ListExecutionsCommand({stateMachineArn:m,statusFilter:'RUNNING',nextToken:t})).catch(e=>{if(e.name==='StateMachineDoesNotExist')return{executions:[]};throw e}),'executions'))
      await c.send(new SFN.StopExecutionCommand({executionArn:x.executionArn,cause:'$MEANT'}))}
      """;

  private static final String TASK =
      """
      async function task(arn){const c=new DMS.DatabaseMigrationServiceClient();const q={Filters:[{Name:'replication-task-arn',Values:[arn]}]};for(let i=0;i<80;i++){
      const o=await c.send(new DMS.DescribeReplicationTasksCommand({...q,WithoutSettings:true})).catch(e=>{if(e.name==='ResourceNotFoundFault')return{};throw e});
      const s=((o.ReplicationTasks||[])[0]||{}).Status;
      if(s==='running'||s==='starting')await c.send(new DMS.StopReplicationTaskCommand({ReplicationTaskArn:arn})).catch(e=>console.log(e.name));
      else if(s==='testing'){const a=await c.send(new DMS.DescribeReplicationTaskAssessmentRunsCommand(q));for(const r of a.ReplicationTaskAssessmentRuns)if(['starting','provisioning','running'].includes(r.Status))await c.send(new DMS.CancelReplicationTaskAssessmentRunCommand({ReplicationTaskAssessmentRunArn:r.ReplicationTaskAssessmentRunArn})).catch(e=>console.log(e.name))}
      else if(s!=='stopping')return;await pause()}throw new Error('The task does not stop')}
      """;

  private static final String RULES =
      """
      async function rules(stack){const c=new EC2.EC2Client();for(const x of await all(t=>c.send(new EC2.DescribeSecurityGroupRulesCommand({Filters:[{Name:'tag:pgportage-stack',Values:[stack]}],NextToken:t})),'SecurityGroupRules'))
      if(!x.IsEgress)await c.send(new EC2.RevokeSecurityGroupIngressCommand({GroupId:x.GroupId,SecurityGroupRuleIds:[x.SecurityGroupRuleId]}))}
      """;

  private static final String BUCKET =
      """
      async function bucket(b){const c=new S3.S3Client();let t={};do{const o=await c.send(new S3.ListObjectVersionsCommand({Bucket:b,...t})).catch(e=>{if(e.name==='NoSuchBucket')return{};throw e});
      const q=[...(o.Versions||[]),...(o.DeleteMarkers||[])].map(x=>({Key:x.Key,VersionId:x.VersionId}));
      if(q.length){const d=await c.send(new S3.DeleteObjectsCommand({Bucket:b,Delete:{Objects:q,Quiet:true}}));if((d.Errors||[]).length)throw new Error(d.Errors[0].Code)}
      t=o.IsTruncated?{KeyMarker:o.NextKeyMarker,VersionIdMarker:o.NextVersionIdMarker}:0}while(t)}
      """;

  private static final String CLUSTER =
      """
      async function cluster(k,s){const c=new ECS.ECSClient();
      await c.send(new ECS.UpdateServiceCommand({cluster:k,service:s,desiredCount:0})).catch(e=>{if(!/Not(Found|Active)/.test(e.name))throw e});
      for(let i=0;i<80;i++){const n=await all(t=>c.send(new ECS.ListTasksCommand({cluster:k,nextToken:t})),'taskArns');if(!n.length)return;
      if(!i)for(const task of n)await c.send(new ECS.StopTaskCommand({cluster:k,task,reason:'$MEANT'}));await pause()}throw new Error('The tasks do not stop')}
      """;

  private Cleanup() {}

  /** What an engine's function does beside ending the workflows. */
  enum Work {
    /** Stops the task, takes back rules in security groups, empties the bucket. */
    OF_DMS(
        "S3=require('@aws-sdk/client-s3'),EC2=require('@aws-sdk/client-ec2'),DMS=require('@aws-sdk/client-database-migration-service')",
        "await task(p.Task);await rules(p.Stack);await bucket(p.Bucket)",
        TASK + RULES + BUCKET),
    /** Ends the service and the tasks of pgportage. */
    OF_PGPORTAGE(
        "ECS=require('@aws-sdk/client-ecs')", "await cluster(p.Cluster,p.Service)", CLUSTER);

    private final String code;

    Work(String clients, String calls, String functions) {
      String whole = FRAME.replace("$CLIENTS", clients).replace("$CALLS", calls) + functions;
      code = whole.replace("$MEANT", FailureMail.MEANT);
    }
  }

  /**
   * The function, its role and the resource whose deletion calls it.
   *
   * @param given what it is told besides the stack's name and workflow
   * @param permissions what it may do beside ending executions
   */
  static List<Resource> resources(
      Work work, Map<String, Object> given, List<Map<String, Object>> permissions) {
    return List.of(
        role(permissions),
        function(work),
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
                        Intrinsic.ref("AWS::StackName"),
                        "Machine",
                        Automation.machine()),
                    given))
            .saying("The only function; without it a first deletion fails."));
  }

  private static Resource role(List<Map<String, Object>> permissions) {
    var all = new ArrayList<>(permissions);
    all.add(
        Policy.allow(
            "states:ListExecutions", Policy.arn("states", "stateMachine:${AWS::StackName}-*")));
    all.add(
        Policy.allow(
            "states:StopExecution", Policy.arn("states", "execution:${AWS::StackName}-*:*")));
    return Policy.role(
        "CleanupRole", List.of("lambda"), "cleanup", all, "AWSLambdaBasicExecutionRole");
  }

  private static Resource function(Work work) {
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
            Json.object("ZipFile", new Intrinsic.Program(work.code))));
  }
}
