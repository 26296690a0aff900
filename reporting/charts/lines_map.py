COS=0.5807
def project(longitude, latitude):
    return (longitude + 9) * COS*100, (61 - latitude) * 100
