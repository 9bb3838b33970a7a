import { describeStories } from './describe-stories.ts';

describeStories(40, 20_261_125);
