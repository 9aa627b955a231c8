//! The visible and the invisible marks: who a picture was served to.
