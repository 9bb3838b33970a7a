import { testRandomStories } from './test-stories.ts';

testRandomStories(300, 20_261_124);
