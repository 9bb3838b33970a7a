import { describeStories } from './describe-stories.ts';

describeStories(300, 20_261_124);
