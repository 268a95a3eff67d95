public enum DemoENTPlaceholder {}
