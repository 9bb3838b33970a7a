import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readContext } from './context.ts';
import { ApprovalStack } from './stack.ts';

const app = new App();
const context = readContext((key) => app.node.tryGetContext(key));

if (context.ok) {
  new ApprovalStack(app, context.options.stackName, context.options);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
} else {
  for (const problem of context.problems) console.error(problem);
  // Exit at once: otherwise the CDK writes an empty assembly.
  process.exit(1);
}
