print("loge")
